import { designerFind as de } from '../../shared/text/de/designer-find.ts'
import { designerFind as en } from '../../shared/text/en/designer-find.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useFindText = catalogue(en, de)
export type FindText = ReturnType<typeof useFindText>
