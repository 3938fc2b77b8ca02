/** The stock editor's dialogs inside the designer. */
export { StockDialog, type StockDialogHandle, type StockDialogProps, useStockFrame } from './stock-dialog.tsx'
export { StockFeature } from './stock-feature.tsx'
export { type DialogEnd, hasStockDialog } from './stock-frame.ts'
