/** The words of the history. */
import { history as de } from '../shared/text/de/history.ts'
import { history as en } from '../shared/text/en/history.ts'
import { catalogue } from '../shared/text/index.ts'

export const useHistoryText = catalogue(en, de)
export type HistoryText = typeof en
