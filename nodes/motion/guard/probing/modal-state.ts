/** The lines that put the modal state back after probing, which leaves G38.3, G91 and its own feed behind. Pure. */
import { decimal } from '../actions/send.ts'

/**
 * @param words of `[GC:…]` before
 * @param isReportingInches `$13`: the feed there is in inches, whatever G20 and G21 say (grbl 1.1 report.c)
 */
export function linesToRestore(words: readonly string[], isReportingInches: boolean): string[] {
  const has = new Set(words)
  const told = Number(words.find((word) => /^F\d/.test(word))?.slice(1) ?? 0)
  const isInches = has.has('G20')
  const isInverseTime = has.has('G93')
  const feedMm = told * (isReportingInches && !isInverseTime ? 25.4 : 1)
  // in G93 a feed belongs to its line and cannot be put back
  const feed = isInverseTime ? '' : `F${decimal(isInches ? feedMm / 25.4 : feedMm)}`
  const modes = [isInches ? 'G20' : 'G21', has.has('G91') ? 'G91' : 'G90', isInverseTime ? 'G93' : has.has('G95') ? 'G95' : 'G94']
  return [`${modes.join('')}${feed}`, motionOf(has, feedMm > 0 && !isInverseTime)]
}

/** An arc mode cannot be set without an arc; a line without either is a straight move then, not a probing one. */
function motionOf(has: ReadonlySet<string>, hasFeed: boolean): string {
  if (has.has('G80')) return 'G80'
  return hasFeed && (has.has('G1') || has.has('G2') || has.has('G3')) ? 'G1' : 'G0'
}
