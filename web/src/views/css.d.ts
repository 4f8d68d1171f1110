// A view brings its own style sheet; the bundler takes it out.
declare module "*.css";
