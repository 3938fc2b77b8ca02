/** The words of this page. */
import { apiDocs as de } from '../shared/text/de/api-docs.ts'
import { apiDocs as en } from '../shared/text/en/api-docs.ts'
import { catalogue } from '../shared/text/index.ts'

export const useApiText = catalogue(en, de)
