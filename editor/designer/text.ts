/** The designer's words in the person's language. */
import { designer as de } from '../shared/text/de/designer.ts'
import { designer as en } from '../shared/text/en/designer.ts'
import { catalogue } from '../shared/text/index.ts'

export const useDesignerText = catalogue(en, de)
