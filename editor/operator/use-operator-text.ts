/** The operator page's words: `operator` of its flow buttons and questions, `panel` of everything around them. */
import { operator as de } from '../shared/text/de/operator.ts'
import { panel as panelDe } from '../shared/text/de/panel.ts'
import { operator as en } from '../shared/text/en/operator.ts'
import { panel as panelEn } from '../shared/text/en/panel.ts'
import { catalogue } from '../shared/text/index.ts'

export const useOperatorText = catalogue(en, de)
export const usePanelText = catalogue(panelEn, panelDe)
export type PanelText = ReturnType<typeof usePanelText>
