/** The words of the machines page. */
import { machines as de } from '../shared/text/de/machines.ts'
import { machines as en } from '../shared/text/en/machines.ts'
import { catalogue } from '../shared/text/index.ts'

export const useMachinesText = catalogue(en, de)
