/** The words of this area in the person's language. */
import { designerLive as de } from '../../shared/text/de/designer-live.ts'
import { designerLive as en } from '../../shared/text/en/designer-live.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useLiveText = catalogue(en, de)
