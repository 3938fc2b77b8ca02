/** What a chart reads of a subgroup, once everything in it has been looked at: nothing that is no number goes further. */
import { ChartError, type ChartErrorCode, type Subgroup } from './contract.ts'
import { moments } from './moments.ts'
import { type ChartPlan, isVariables, largestSize } from './plan.ts'

export interface Reading {
  size: number
  /** Mean of the values, or the count. */
  value: number
  /** NaN for one value and for counts. */
  range: number
  deviation: number
}

const place = (at: number) => `Subgroup ${at + 1}`

function notNumber(value: unknown, what: string, where: { at: number; item?: number }): void {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new ChartError('not-a-number', `${what} is not a number.`, where)
  if (!Number.isFinite(value)) throw new ChartError('not-finite', `${what} is infinite.`, where)
}

function readValues({ values, count }: Subgroup, plan: ChartPlan, at: number): Reading {
  const fail = (code: ChartErrorCode, words: string): never => {
    throw new ChartError(code, `${place(at)} ${words}`, { at })
  }
  if (!values) return fail('empty-subgroup', count === undefined ? 'has no values.' : `has a count; a chart of kind ${plan.kind} needs measured values.`)
  const size = values.length
  if (!size) return fail('empty-subgroup', 'is empty.')
  values.forEach((value, item) => {
    notNumber(value, `${place(at)}, value ${item + 1},`, { at, item })
  })
  if (plan.kind === 'i-mr' && size !== 1) fail('wrong-size', `has ${size} values; a chart of individuals takes one each.`)
  if (plan.subgroupSize !== null && size !== plan.subgroupSize)
    fail('wrong-size', `has ${size} ${size === 1 ? 'value' : 'values'} instead of ${plan.subgroupSize}.`)
  if (size > largestSize(plan)) fail('wrong-size', `has ${size} values; ranges are for up to ${largestSize(plan)}. Take standard deviations (xbar-s, sbar).`)
  const { mean, range, deviation } = moments(values)
  if (!Number.isFinite(mean) || !Number.isFinite(range) || (size > 1 && !Number.isFinite(deviation)))
    fail('not-finite', 'has values too large to calculate with.')
  return { size, value: mean, range: size > 1 ? range : Number.NaN, deviation }
}

/** p and np need the number of items, u how much was looked at; a c chart takes its one size for granted. */
function readSize(size: number | undefined, plan: ChartPlan, at: number): number {
  if (size === undefined) {
    if (plan.kind === 'c') return 1
    throw new ChartError('wrong-size', `${place(at)} has no size.`, { at })
  }
  notNumber(size, `The size of subgroup ${at + 1}`, { at })
  if (size <= 0) throw new ChartError('wrong-size', `The size of subgroup ${at + 1} is ${size}; it must be above 0.`, { at })
  if ((plan.kind === 'p' || plan.kind === 'np') && !Number.isInteger(size))
    throw new ChartError('not-a-whole-number', `The size of subgroup ${at + 1} is ${size}; items are whole.`, { at })
  return size
}

function readCount({ count, size: inspected }: Subgroup, plan: ChartPlan, at: number): Reading {
  const fail = (code: ChartErrorCode, words: string): never => {
    throw new ChartError(code, `${place(at)} ${words}`, { at })
  }
  if (count === undefined) return fail('empty-subgroup', 'has no count.')
  notNumber(count, `The count of subgroup ${at + 1}`, { at })
  if (count < 0) fail('negative-count', `has a count of ${count}; it must be 0 or more.`)
  if (!Number.isInteger(count)) fail('not-a-whole-number', `has a count of ${count}; it must be whole.`)
  const size = readSize(inspected, plan, at)
  if ((plan.kind === 'p' || plan.kind === 'np') && count > size) fail('count-above-size', `has ${count} nonconforming items of ${size}.`)
  return { size, value: count, range: Number.NaN, deviation: Number.NaN }
}

/** `undefined` for a place without a value. @throws ChartError */
export function readSubgroup(subgroup: Subgroup, plan: ChartPlan, at: number): Reading | undefined {
  if (subgroup.missing) return undefined
  return isVariables(plan.kind) ? readValues(subgroup, plan, at) : readCount(subgroup, plan, at)
}
