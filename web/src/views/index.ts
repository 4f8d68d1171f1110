// The views, one line each. To add one: its file, and its line here.

import type { Entry, Model } from "../view";

const isPlane = (model: Model) => model.get("state")?.data.plane === true;

export const VIEWS: Entry[] = [
  { name: "network", page: "Network", slot: "stage", load: () => import("./network") },
  { name: "neuron", page: "Network", slot: "inspect", load: () => import("./neuron") },
  { name: "nudge", page: "Network", slot: "inspect", load: () => import("./nudge") },
  { name: "draw", page: "Network", slot: "draw", load: () => import("./draw") },
  {
    name: "opened",
    page: "Network",
    slot: "opened",
    button: "Open one step",
    load: () => import("./opened"),
  },
  {
    name: "boundary",
    page: "Network",
    slot: "opened",
    button: "The plane, large",
    shown: isPlane,
    load: () => import("./boundary"),
  },
];
