import { designerArrange as de } from '../../shared/text/de/designer-arrange.ts'
import { designerArrange as en } from '../../shared/text/en/designer-arrange.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useArrangeText = catalogue(en, de)
export type ArrangeText = ReturnType<typeof useArrangeText>
