// The help: every key, and a switch for who would rather have none of them.

import { keysOn, open } from "../page";
import type { Key } from "../keys";
import { Dialog } from "./dialog";

export function Help({ keys }: { keys: Key[] }) {
  return (
    <Dialog title="Keys" close={() => (open.value = "")}>
      <p>
        <label>
          <input
            type="checkbox"
            checked={keysOn.value}
            onChange={(event) => (keysOn.value = event.currentTarget.checked)}
          />{" "}
          single keys act
        </label>
      </p>
      <table class="keys">
        <tbody>
          {keys.map((key) => (
            <tr key={key.shown}>
              <th scope="row">
                <kbd>{key.shown}</kbd>
              </th>
              <td>{key.words}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="caption">
        Blue and solid is positive, orange and dashed is negative, yellow is what is
        selected, and light is activation. A change of the recipe trains anew from the same
        seed. The address after # makes this run again on any machine.
      </p>
    </Dialog>
  );
}
