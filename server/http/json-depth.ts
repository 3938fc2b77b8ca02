/** How deep JSON is nested: what is thousands of levels deep parses well, and overflows the stack of whoever walks through it later. */
import type { Steps } from '../../base/steps.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const PAUSE_EVERY_BYTES = 32_768

/** Are there more than `limit` open brackets anywhere? Says no more of what is not JSON. */
export function* isDeeperThan(limit: number, bytes: Uint8Array): Steps<boolean> {
  let depth = 0
  let isInString = false
  for (let i = 0; i < bytes.length; i += 1) {
    if (i % PAUSE_EVERY_BYTES === 0) yield
    const byte = bytes[i]
    if (isInString) {
      if (byte === BACKSLASH) i += 1
      else if (byte === QUOTE) isInString = false
    } else if (byte === QUOTE) isInString = true
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1
      if (depth > limit) return true
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1
  }
  return false
}
