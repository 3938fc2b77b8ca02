/**
 * What a report is before it is typeset, for whoever makes one. A document is plain data (it goes to another process): no functions in it,
 * and no pictures by path or address. Text in it is text: nothing of it is read as markup.
 */
import type { Content } from 'pdfmake'

export type ReportLanguage = 'en' | 'de'
export type Paper = 'a4' | 'letter'

/** Drawings of our own are `{ svg }`; tables take `layout: 'report'` (lines between rows, a grey head) or `'facts'` (no lines). */
export type ReportContent = Content

export interface PdfDocument {
  language: ReportLanguage
  /** @defaultValue a4 */
  paper?: Paper
  /** @defaultValue portrait */
  orientation?: 'portrait' | 'landscape'
  /** At the head of each page: what it is, and of what: `Control chart`, `bore diameter`. */
  title: string
  subject?: string
  /** Of the document, where it has one: `FAIR-0012`. Stands at the head of each page. */
  number?: string
  /** Whose report it is: the name of the installation. */
  shop: string
  /** Who made it, and when. */
  by: string
  at: Date
  content: ReportContent[]
}

/** Width in points that a page has for its content. */
export function contentWidth(paper: Paper, orientation: 'portrait' | 'landscape'): number {
  const [width, height] = paper === 'a4' ? [595, 842] : [612, 792]
  return (orientation === 'portrait' ? width : height) - 2 * MARGIN
}
export const MARGIN = 36
