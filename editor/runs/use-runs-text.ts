/** The run history's words. */
import { runs as de } from '../shared/text/de/runs.ts'
import { runs as en } from '../shared/text/en/runs.ts'
import { catalogue } from '../shared/text/index.ts'

export const useRunsText = catalogue(en, de)
