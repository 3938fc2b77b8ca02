import { panelArrange as de } from '../../shared/text/de/panel-arrange.ts'
import { panelArrange as en } from '../../shared/text/en/panel-arrange.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useArrangeText = catalogue(en, de)
export type ArrangeText = ReturnType<typeof useArrangeText>
