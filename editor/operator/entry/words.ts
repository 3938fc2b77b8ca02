/** The words of the tab “Measure”. */
import { entry as de } from '../../shared/text/de/entry.ts'
import { entry as en } from '../../shared/text/en/entry.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useEntryText = catalogue(en, de)
