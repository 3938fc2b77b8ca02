/** The words of documents. */
import type { FieldName } from '../../../server/api/quality/documents/form.ts'
import { qualityDocuments as de } from '../../shared/text/de/quality-documents.ts'
import { qualityDocuments as en } from '../../shared/text/en/quality-documents.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useDocumentsText = catalogue(en, de)
export type DocumentsText = typeof en

/** Fields that a move lacks, in words. */
export const inWords = (text: DocumentsText, field: string): string => text.fields[field as FieldName] ?? field
