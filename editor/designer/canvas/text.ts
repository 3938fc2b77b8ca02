import { designerCanvas as de } from '../../shared/text/de/designer-canvas.ts'
import { designerCanvas as en } from '../../shared/text/en/designer-canvas.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useCanvasText = catalogue(en, de)
export type CanvasText = ReturnType<typeof useCanvasText>
