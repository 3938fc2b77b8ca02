/** The run history's words. */
import { runs as de } from '../shared/text/de/runs.ts'
import { runs as en } from '../shared/text/en/runs.ts'
import { catalogue, formats, useLanguage } from '../shared/text/index.ts'
import { shortDuration } from './run-filter.ts'

export const useRunsText = catalogue(en, de)

/** How long things take, as the reader writes numbers. */
export function useDurations(): (milliseconds: number) => string {
  const { number } = formats(useLanguage())
  return (milliseconds) => shortDuration(milliseconds, number)
}
