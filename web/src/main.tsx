import { render } from "preact";
import { firstTheme, setTheme, start } from "./actions";
import { listen, table } from "./keys";
import { model } from "./page";
import { App } from "./shell/app";
import { take } from "./shell/upload";
import "./style/page.css";
import { dropped } from "./upload";
import { VIEWS } from "./views";

setTheme(firstTheme());
const motion = matchMedia("(prefers-reduced-motion: reduce)");
const follow = () => model.put({ still: motion.matches });
motion.addEventListener("change", follow);
follow();

// A file that misses the page would be opened instead of it.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", async (event) => {
  event.preventDefault();
  const inside = (event.target as Element).closest?.("[data-drop=own]");
  if (!inside && event.dataTransfer?.items.length)
    void take(await dropped(event.dataTransfer));
});

render(<App views={VIEWS} keys={table(VIEWS)} />, document.getElementById("page")!);
listen(VIEWS);
start();
