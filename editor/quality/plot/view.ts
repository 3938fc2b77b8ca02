/** Which part of a row of points is seen: sums of panning and zooming. No DOM. */

/** From the left edge to the right one, in places of points (the first point is 0); a point has half a place on each side. */
export interface View {
  from: number
  to: number
}

/** Nobody looks closer than this many places. */
const LEAST_PLACES = 8
const HALF = 0.5

export const wholeView = (count: number): View => ({ from: -HALF, to: Math.max(count, 1) - HALF })

/** The newest `places` of them. */
export const newestView = (count: number, places: number): View => within({ from: count - HALF - places, to: count - HALF }, count)

export const isWhole = (view: View, count: number): boolean => {
  const whole = wholeView(count)
  return view.from <= whole.from && view.to >= whole.to
}

/** The same width where there is something to see, and no wider than there is. */
export function within({ from, to }: View, count: number): View {
  const whole = wholeView(count)
  const most = whole.to - whole.from
  const width = Math.min(Math.max(to - from, Math.min(LEAST_PLACES, most)), most)
  const middle = (from + to) / 2
  const begin = Math.min(Math.max(to - from === width ? from : middle - width / 2, whole.from), whole.to - width)
  return { from: begin, to: begin + width }
}

export const panned = (view: View, byPlaces: number, count: number): View => within({ from: view.from + byPlaces, to: view.to + byPlaces }, count)

/** @param factor of the width: below 1 is closer. `about` stays where it is, as far as there is something beside it. */
export function zoomed(view: View, factor: number, about: number, count: number): View {
  const whole = wholeView(count)
  const most = whole.to - whole.from
  const width = Math.min(Math.max((view.to - view.from) * factor, Math.min(LEAST_PLACES, most)), most)
  const share = (about - view.from) / (view.to - view.from)
  const from = about - share * width
  return within({ from, to: from + width }, count)
}

/** Moved as little as it takes to see this point with a little around it. */
export function showing(view: View, index: number, count: number): View {
  const margin = (view.to - view.from) * 0.08
  if (index < view.from + margin) return panned(view, index - margin - view.from, count)
  if (index > view.to - margin) return panned(view, index + margin - view.to, count)
  return view
}
