/** JSON of a template's file: bounded, UTF-8 without mistakes, and nothing in it that could change objects of ours. */
import { messageOf, UserError } from '../../../base/errors.ts'
import { parseJsonInSlices } from '../../../base/json-slices.ts'
import { inSteps, type Steps } from '../../../base/steps.ts'
import { isDeeperThan } from '../../http/json-depth.ts'
import { JSON_BYTES, LIMITS, refused } from './limits.ts'

/** @throws UserError template-refused */
export function textOf(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw refused(`${file} is not UTF-8 text.`, { file, why: 'not-utf8' }, cause)
  }
}

/** @throws UserError template-refused: too large, too deep, not UTF-8, not JSON, with keys that reach prototypes */
export async function jsonOf(file: string, bytes: Buffer): Promise<unknown> {
  const most = JSON_BYTES[file]
  if (most !== undefined && bytes.length > most) throw refused(`${file} is larger than ${most / 1000} kB.`, { file, why: 'json-large' })
  if (await inSteps(isDeeperThan(LIMITS.jsonDepth, bytes)))
    throw refused(`${file} is nested more than ${LIMITS.jsonDepth} levels deep.`, { file, why: 'json-deep' })
  let value: unknown
  try {
    value = await parseJsonInSlices(bytes)
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    const isText = cause instanceof SyntaxError
    throw refused(`${file} is not ${isText ? `JSON: ${messageOf(cause)}` : 'UTF-8 text'}.`, { file, why: isText ? 'not-json' : 'not-utf8' }, cause)
  }
  if (await inSteps(reachesPrototypes(value))) throw refused(`${file} has a property "__proto__".`, { file, why: 'json-proto' })
  return value
}

function* reachesPrototypes(root: unknown): Steps<boolean> {
  const left: unknown[] = [root]
  for (let value = left.pop(); value !== undefined || left.length; value = left.pop()) {
    yield
    if (typeof value !== 'object' || value === null) continue
    if (Object.hasOwn(value, '__proto__')) return true
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) left.push(inner)
  }
  return false
}
