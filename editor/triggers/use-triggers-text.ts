/** The words of the triggers. */
import { triggers as de } from '../shared/text/de/triggers.ts'
import { triggers as en } from '../shared/text/en/triggers.ts'
import { catalogue } from '../shared/text/index.ts'

export const useTriggersText = catalogue(en, de)
export type TriggersText = typeof en
