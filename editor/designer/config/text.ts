/** The words of forms in the person's language; those that forms had from the beginning are the designer's. */
import { config as de } from '../../shared/text/de/designer-config.ts'
import { config as en } from '../../shared/text/en/designer-config.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useConfigText = catalogue(en, de)
