/** Gauge studies of the AIAG reference manual Measurement Systems Analysis. */

type Rows = readonly (readonly number[])[]

/** One line a trial, ten parts each. */
const BY_APPRAISER: Readonly<Record<string, Rows>> = {
  A: [
    [0.29, -0.56, 1.34, 0.47, -0.8, 0.02, 0.59, -0.31, 2.26, -1.36],
    [0.41, -0.68, 1.17, 0.5, -0.92, -0.11, 0.75, -0.2, 1.99, -1.25],
    [0.64, -0.58, 1.27, 0.64, -0.84, -0.21, 0.66, -0.17, 2.01, -1.31],
  ],
  B: [
    [0.08, -0.47, 1.19, 0.01, -0.56, -0.2, 0.47, -0.63, 1.8, -1.68],
    [0.25, -1.22, 0.94, 1.03, -1.2, 0.22, 0.55, 0.08, 2.12, -1.62],
    [0.07, -0.68, 1.34, 0.2, -1.28, 0.06, 0.83, -0.34, 2.19, -1.5],
  ],
  C: [
    [0.04, -1.38, 0.88, 0.14, -1.46, -0.29, 0.02, -0.46, 1.77, -1.49],
    [-0.11, -1.13, 1.09, 0.2, -1.07, -0.67, 0.01, -0.56, 1.45, -1.77],
    [-0.15, -0.96, 0.67, 0.11, -1.45, -0.49, 0.21, -0.49, 1.87, -2.16],
  ],
}

export const AIAG_RR: readonly { part: string; appraiser: string; trial: string; value: number }[] = Object.entries(BY_APPRAISER).flatMap(
  ([appraiser, trials]) =>
    trials.flatMap((values, trial) => values.map((value, part) => ({ part: String(part + 1), appraiser, trial: String(trial + 1), value }))),
)

/** Linearity study: reference value of each part and its twelve measurements. */
const LINEARITY: readonly (readonly [reference: number, values: readonly number[]])[] = [
  [2, [2.7, 2.5, 2.4, 2.5, 2.7, 2.3, 2.5, 2.5, 2.4, 2.4, 2.6, 2.4]],
  [4, [5.1, 3.9, 4.2, 5, 3.8, 3.9, 3.9, 3.9, 3.9, 4, 4.1, 3.8]],
  [6, [5.8, 5.7, 5.9, 5.9, 6, 6.1, 6, 6.1, 6.4, 6.3, 6, 6.1]],
  [8, [7.6, 7.7, 7.8, 7.7, 7.8, 7.8, 7.8, 7.7, 7.8, 7.5, 7.6, 7.7]],
  [10, [9.1, 9.3, 9.5, 9.3, 9.4, 9.5, 9.5, 9.5, 9.6, 9.2, 9.3, 9.4]],
]
export const AIAG_LINEARITY: readonly { part: string; reference: number; value: number }[] = LINEARITY.flatMap(([reference, values], i) =>
  values.map((value) => ({ part: String(i + 1), reference, value })),
)

/** Bias study: fifteen measurements of a master of 6.00. */
export const AIAG_BIAS: readonly { part: string; reference: number; value: number }[] = [5.8, 5.7, 5.9, 5.9, 6, 6.1, 6, 6.1, 6.4, 6.3, 6, 6.1, 6.2, 5.6, 6].map(
  (value) => ({ part: 'master', reference: 6, value }),
)
