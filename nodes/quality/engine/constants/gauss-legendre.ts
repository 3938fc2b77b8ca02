/** Gauss-Legendre quadrature over panels: exact to rounding for the smooth integrands of the chart constants. */

const ORDER = 32
/** Newton's step is quadratic: from the first guess four or five steps reach rounding. */
const MOST_STEPS = 20

/** Nodes and weights on [-1, 1]: the roots of the Legendre polynomial (Abramowitz and Stegun 25.4.29). */
function legendreRule(order: number): { nodes: number[]; weights: number[] } {
  const nodes: number[] = []
  const weights: number[] = []
  for (let i = 1; i <= order; i += 1) {
    let x = Math.cos((Math.PI * (i - 0.25)) / (order + 0.5))
    let slope = 0
    for (let step = 0; step < MOST_STEPS; step += 1) {
      let before = 1
      let value = x
      for (let k = 2; k <= order; k += 1) {
        const next = ((2 * k - 1) * x * value - (k - 1) * before) / k
        before = value
        value = next
      }
      slope = (order * (x * value - before)) / (x * x - 1)
      const change = value / slope
      x -= change
      if (Math.abs(change) < 1e-16) break
    }
    nodes.push(x)
    weights.push(2 / ((1 - x * x) * slope * slope))
  }
  return { nodes, weights }
}

let rule: ReturnType<typeof legendreRule> | undefined

/** Nodes and weights of [from, to] cut into `panels` equal parts. */
export function quadrature(from: number, to: number, panels: number): { nodes: Float64Array; weights: Float64Array } {
  rule ??= legendreRule(ORDER)
  const nodes = new Float64Array(ORDER * panels)
  const weights = new Float64Array(ORDER * panels)
  const half = (to - from) / panels / 2
  for (let panel = 0; panel < panels; panel += 1) {
    const middle = from + half * (2 * panel + 1)
    for (let i = 0; i < ORDER; i += 1) {
      nodes[panel * ORDER + i] = middle + half * (rule.nodes[i] ?? 0)
      weights[panel * ORDER + i] = half * (rule.weights[i] ?? 0)
    }
  }
  return { nodes, weights }
}
