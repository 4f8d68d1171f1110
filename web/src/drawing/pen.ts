/** The part of a canvas's 2-D context that our pictures use, and one that writes SVG.
 *
 * One painter draws both: what is exported as SVG is what was on the screen. */

export type Pen = Pick<
  CanvasRenderingContext2D,
  | "fillStyle"
  | "strokeStyle"
  | "lineWidth"
  | "globalAlpha"
  | "font"
  | "textAlign"
  | "textBaseline"
  | "lineCap"
  | "setLineDash"
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "bezierCurveTo"
  | "arc"
  | "rect"
  | "closePath"
  | "fill"
  | "stroke"
  | "fillRect"
  | "strokeRect"
  | "fillText"
>;

const escape = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const short = (x: number) => String(Math.round(x * 100) / 100);

/** Draws into SVG what would be drawn on a canvas of the same size. */
export class SvgPen implements Pen {
  fillStyle: string | CanvasGradient | CanvasPattern = "#000";
  strokeStyle: string | CanvasGradient | CanvasPattern = "#000";
  lineWidth = 1;
  globalAlpha = 1;
  font = "10px sans-serif";
  textAlign: CanvasTextAlign = "start";
  textBaseline: CanvasTextBaseline = "alphabetic";
  lineCap: CanvasLineCap = "butt";
  private dash: number[] = [];
  private path = "";
  private readonly parts: string[] = [];

  constructor(
    readonly width: number,
    readonly height: number,
    readonly title: string,
  ) {}

  setLineDash(dash: Iterable<number>): void {
    this.dash = [...dash];
  }
  beginPath(): void {
    this.path = "";
  }
  moveTo(x: number, y: number): void {
    this.path += `M${short(x)} ${short(y)}`;
  }
  lineTo(x: number, y: number): void {
    this.path += `${this.path ? "L" : "M"}${short(x)} ${short(y)}`;
  }
  bezierCurveTo(a: number, b: number, c: number, d: number, x: number, y: number): void {
    this.path += `C${[a, b, c, d, x, y].map(short).join(" ")}`;
  }
  arc(x: number, y: number, r: number, from: number, to: number): void {
    const at = (angle: number) =>
      `${short(x + r * Math.cos(angle))} ${short(y + r * Math.sin(angle))}`;
    const half = (from + to) / 2;
    const turn = `A${short(r)} ${short(r)} 0 0 1 `;
    this.path += `${this.path ? "L" : "M"}${at(from)}${turn}${at(half)}${turn}${at(to)}`;
  }
  rect(x: number, y: number, width: number, height: number): void {
    const [w, h] = [short(width), short(height)];
    this.path += `M${short(x)} ${short(y)}h${w}v${h}h-${w}z`;
  }
  closePath(): void {
    this.path += "z";
  }
  fill(): void {
    this.parts.push(`<path d="${this.path}" fill="${this.fillStyle}"${this.faded()}/>`);
  }
  stroke(): void {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    this.parts.push(
      `<path d="${this.path}" fill="none" stroke="${this.strokeStyle}"` +
        ` stroke-width="${short(this.lineWidth)}"${dash}${this.faded()}/>`,
    );
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.box(x, y, width, height, `fill="${this.fillStyle}"`);
  }
  strokeRect(x: number, y: number, width: number, height: number): void {
    const pen = `stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"`;
    this.box(x, y, width, height, `fill="none" ${pen}`);
  }
  fillText(text: string, x: number, y: number): void {
    const anchors: Record<string, string> = { center: "middle", right: "end", end: "end" };
    const [, weight, size] = /^(\d+ )?([\d.]+)px/.exec(this.font) ?? [];
    const base = this.textBaseline === "middle" ? ' dominant-baseline="central"' : "";
    this.parts.push(
      `<text x="${short(x)}" y="${short(y)}" fill="${this.fillStyle}"` +
        ` font-size="${size ?? 12}" font-weight="${weight?.trim() ?? 400}"` +
        ` text-anchor="${anchors[this.textAlign] ?? "start"}"${base}${this.faded()}>` +
        `${escape(text)}</text>`,
    );
  }
  /** A picture, its pixels kept sharp. */
  image(href: string, x: number, y: number, width: number, height: number): void {
    this.parts.push(
      `<image href="${escape(href)}" x="${short(x)}" y="${short(y)}"` +
        ` width="${short(width)}" height="${short(height)}"` +
        ` preserveAspectRatio="none" image-rendering="pixelated"/>`,
    );
  }

  /** The whole document. */
  text(): string {
    const size = `width="${short(this.width)}" height="${short(this.height)}"`;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img"` +
      ` viewBox="0 0 ${short(this.width)} ${short(this.height)}"` +
      ` font-family="system-ui, sans-serif"><title>${escape(this.title)}</title>` +
      `${this.parts.join("")}</svg>`
    );
  }

  private box(x: number, y: number, width: number, height: number, look: string): void {
    this.parts.push(
      `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}"` +
        ` height="${short(height)}" ${look}${this.faded()}/>`,
    );
  }
  private faded(): string {
    return this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : "";
  }
}
