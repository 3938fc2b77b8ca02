/** Constants of control charts and gauge studies for normal data, computed once and kept; no tables. */
export { d2, d2Star, d3, d4, LARGEST_RANGE_SIZE } from './range.ts'
export { c4 } from './standard-deviation.ts'
