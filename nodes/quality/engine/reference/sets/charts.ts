/** Data of published control charts. */

/** Flow rate, NIST/SEMATECH e-Handbook 6.3.2.2. */
export const FLOW_RATE: readonly number[] = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]

/** NIST/SEMATECH e-Handbook 6.3.2.4. */
export const EWMA_DATA: readonly number[] = [52, 47, 53, 49.3, 50.1, 47, 51, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]

/** Group means, NIST/SEMATECH e-Handbook 6.3.2.3. */
export const CUSUM_DATA: readonly number[] = [
  324.925, 324.675, 324.725, 324.35, 325.35, 325.225, 324.125, 324.525, 325.225, 324.6, 324.625, 325.15, 328.325, 327.25, 327.825, 328.5, 326.675, 327.775,
  326.875, 328.35,
]

/** Defects on wafers, NIST/SEMATECH e-Handbook 6.3.3.1. */
export const WAFER_DEFECTS: readonly number[] = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]

/** Nonconforming cans of orange juice in samples of 50 (R qcc, trial samples; NIST/SEMATECH e-Handbook 6.3.3.2). */
export const ORANGE_JUICE: readonly number[] = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]

/** Nonconformities on 100 printed circuit boards (R qcc). */
export const CIRCUIT: readonly number[] = [21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15]
