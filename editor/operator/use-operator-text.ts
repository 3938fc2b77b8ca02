/** The operator page's words. */
import { operator as de } from '../shared/text/de/operator.ts'
import { operator as en } from '../shared/text/en/operator.ts'
import { catalogue } from '../shared/text/index.ts'

export const useOperatorText = catalogue(en, de)
