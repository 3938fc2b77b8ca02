/** The stock editor's dialogs inside the designer. */
export { StockDialog, type StockDialogHandle } from './stock-dialog.tsx'
export { StockFeature } from './stock-feature.tsx'
export { hasStockDialog } from './stock-frame.ts'
