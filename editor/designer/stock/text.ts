/** The words around the stock dialogs; their own are Node-RED's. */
import { stock as de } from '../../shared/text/de/designer-stock.ts'
import { stock as en } from '../../shared/text/en/designer-stock.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useStockText = catalogue(en, de)
