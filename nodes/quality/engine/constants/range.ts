/** The range of a normal sample, in sigma: its mean d2, standard deviation d3, median d4, and AIAG's d2* for few samples. */
import normalCdf from '@stdlib/stats-base-dists-normal-cdf'
import { quadrature } from './gauss-legendre.ts'

/** Beyond it a normal variable has a chance of 1e-19: of 1000 none is there, to the digits that are kept. */
const EDGE = 9
const WIDEST = 2 * EDGE
/** Twice as many change d2, d3 and d4 of up to 1000 values by less than 2e-11. */
const PANELS = 6
/** A range chart of more makes no sense: use standard deviations. */
export const LARGEST_RANGE_SIZE = 1000

const phi = (x: number) => normalCdf(x, 0, 1)
const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)

/** (1 - tail)^n without losing a small tail. */
const kept = (tail: number, n: number) => Math.exp(n * Math.log1p(-tail))

interface Grid {
  x: { nodes: Float64Array; weights: Float64Array }
  w: { nodes: Float64Array; weights: Float64Array }
  /** Phi(x), Phi(-x), by x. */
  below: Float64Array
  above: Float64Array
  /** Phi(-(x + w)), Phi(x + w) - Phi(x): by x, then w. */
  aboveBoth: Float64Array
  between: Float64Array
}

let grid: Grid | undefined

/** What the double integral needs of the normal distribution: the same for every n. */
function normalGrid(): Grid {
  if (grid) return grid
  const x = quadrature(-EDGE, EDGE, PANELS)
  const w = quadrature(0, WIDEST, PANELS)
  const cells = x.nodes.length * w.nodes.length
  const made: Grid = {
    x,
    w,
    below: x.nodes.map(phi),
    above: x.nodes.map((at) => phi(-at)),
    aboveBoth: new Float64Array(cells),
    between: new Float64Array(cells),
  }
  x.nodes.forEach((at, i) => {
    w.nodes.forEach((width, j) => {
      const cell = i * w.nodes.length + j
      const above = phi(-(at + width))
      made.aboveBoth[cell] = above
      // the difference of whichever tails are small keeps its digits
      made.between[cell] = at > 0 ? (made.above[i] ?? 0) - above : phi(at + width) - (made.below[i] ?? 0)
    })
  })
  grid = made
  return made
}

/** d2 = 2 times the integral from 0 of 1 - Phi^n - (1 - Phi)^n (Tippett 1925). */
function meanRange(n: number): number {
  const { nodes, weights } = quadrature(0, EDGE, PANELS)
  let sum = 0
  nodes.forEach((x, i) => {
    const tail = phi(-x)
    sum += (weights[i] ?? 0) * (-Math.expm1(n * Math.log1p(-tail)) - tail ** n)
  })
  return 2 * sum
}

/** E[R²] = 2 times the integral over x < y of 1 - Phi(y)^n - (1 - Phi(x))^n + (Phi(y) - Phi(x))^n (Tippett 1925), with y = x + w. */
function meanSquareRange(n: number): number {
  const { x, w, below, aboveBoth, between } = normalGrid()
  const columns = w.nodes.length
  let sum = 0
  for (let i = 0; i < x.nodes.length; i += 1) {
    const low = kept(below[i] ?? 0, n)
    let inner = 0
    for (let j = 0; j < columns; j += 1) {
      const cell = i * columns + j
      inner += (w.weights[j] ?? 0) * (-Math.expm1(n * Math.log1p(-(aboveBoth[cell] ?? 0))) - low + (between[cell] ?? 0) ** n)
    }
    sum += (x.weights[i] ?? 0) * inner
  }
  return 2 * sum
}

/** P(R <= w) = n times the integral of phi(x) (Phi(x + w) - Phi(x))^(n-1). */
function rangeChance(width: number, n: number): number {
  const { nodes, weights } = quadrature(-EDGE, EDGE, PANELS)
  let sum = 0
  nodes.forEach((x, i) => {
    sum += (weights[i] ?? 0) * density(x) * (x > 0 ? phi(-x) - phi(-x - width) : phi(x + width) - phi(x)) ** (n - 1)
  })
  return n * sum
}

/** By halving: the chance grows with the width. */
function medianRange(n: number): number {
  let low = 0
  let high = WIDEST
  while (true) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) return middle
    if (rangeChance(middle, n) < 0.5) low = middle
    else high = middle
  }
}

function cached(work: (n: number) => number, name: string): (n: number) => number {
  const values: (number | undefined)[] = []
  return (n) => {
    const found = values[n]
    if (found !== undefined) return found
    if (!Number.isInteger(n) || n < 2 || n > LARGEST_RANGE_SIZE) throw new RangeError(`${name} needs a size from 2 to ${LARGEST_RANGE_SIZE}, not ${n}`)
    const value = work(n)
    values[n] = value
    return value
  }
}

/** Mean range of n standard normal values. */
export const d2 = cached(meanRange, 'd2')
/** Standard deviation of the range of n standard normal values. */
export const d3 = cached((n) => Math.sqrt(meanSquareRange(n) - d2(n) ** 2), 'd3')
/** Median range of n standard normal values. */
export const d4 = cached(medianRange, 'd4')

/** AIAG's d2*: what the root mean square of the mean of `samples` ranges of `size` values is, in sigma. */
export const d2Star = (size: number, samples: number): number => Math.sqrt(d2(size) ** 2 + d3(size) ** 2 / samples)
