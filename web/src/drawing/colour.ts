/** Colours that mean something, as tables: light for activation, blue and orange for sign.
 *
 * Zero is the stage's own colour, so what is not there is dark. Sign is never colour alone:
 * whoever draws a negative line dashes it, whoever writes a number writes its sign.
 */

export const STAGE = "#14171f";
export const LIGHT = "#fffbf0";
export const POSITIVE = "#6db3ff";
export const NEGATIVE = "#ff9d5c";
export const FOCUS = "#ffd84d";
/** Text and rings on the stage: 11.9 : 1 and 7.2 : 1 against it. */
export const CHALK = "#d5d8e0";
export const DUST = "#a4a9b6";
/** The rim of what is drawn, and middle lines. */
export const RING = "#8b91a1";
export const TROUGH = "#222735";

export type Rgb = readonly [number, number, number];

export function rgb(hex: string): Rgb {
  const n = parseInt(hex.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/** The colour at t in 0..1 on the straight line from one colour to another. */
export function mix(from: Rgb, to: Rgb, t: number): Rgb {
  const at = (i: number) => Math.round(from[i] + (to[i] - from[i]) * t);
  return [at(0), at(1), at(2)];
}

const css = ([r, g, b]: Rgb) => `rgb(${r} ${g} ${b})`;
/** One opaque pixel as ImageData's memory holds it on a little-endian machine. */
export const packed = ([r, g, b]: Rgb): number => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

const STEPS = 256;

/** Entry i is t = i / 255 of the way from the stage to a colour. */
class Ramp {
  readonly css: string[] = [];
  readonly pixels = new Uint32Array(STEPS);

  constructor(to: string) {
    for (let i = 0; i < STEPS; i++) {
      const colour = mix(rgb(STAGE), rgb(to), i / (STEPS - 1));
      this.css.push(css(colour));
      this.pixels[i] = packed(colour);
    }
  }
}

const ramps = {
  light: new Ramp(LIGHT),
  positive: new Ramp(POSITIVE),
  negative: new Ramp(NEGATIVE),
};

/** 0..1 to an entry of a ramp; what is not a number is dark, as is what is below 0. */
function entry(t: number): number {
  return t >= 1 ? STEPS - 1 : t > 0 ? Math.round(t * (STEPS - 1)) : 0;
}

/** Luminance of t in 0..1, as CSS. */
export const light = (t: number): string => ramps.light.css[entry(t)];
export const lightPixel = (t: number): number => ramps.light.pixels[entry(t)];

/** t in -1..1: orange below zero, blue above, the stage at zero. */
export function signed(t: number): string {
  return t < 0 ? ramps.negative.css[entry(-t)] : ramps.positive.css[entry(t)];
}
export function signedPixel(t: number): number {
  return t < 0 ? ramps.negative.pixels[entry(-t)] : ramps.positive.pixels[entry(t)];
}

/** |t| lifted by an exponent below 1, so that small weights can still be seen. */
export const lifted = (t: number, exponent: number): number =>
  Math.sign(t) * Math.abs(t) ** exponent;

/** Relative luminance, WCAG 2.2. */
export function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, 1..21, WCAG 2.2. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(rgb(one)), luminance(rgb(other))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
