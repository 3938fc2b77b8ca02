/**
 * The forms of AS9102 as data, with the numbers of their fields. Names and numbers are those of revision C (2023); where revision B (2014)
 * differs, `numberB` says so: there form 2 and form 3 were signed too (fields 14, 15 and 12, 13), and comments of form 3 were field 14.
 * Sources: AS9102 Rev C, appendix B (forms and their instructions: numbers, names, levels); for revision B guides to its forms
 * (docest.com/doc/29998 and 630108, studylib.net/doc/6993320).
 */
import { type Static, Type } from 'typebox'
import { ProductRow } from './plan.ts'

const closed = { additionalProperties: false }
const Field = (maxLength = 200) => Type.Optional(Type.String({ maxLength }))

/** A part of an assembly: fields 15 to 18. */
export const AssemblyPart = Type.Object({ part: Type.String({ minLength: 1, maxLength: 120 }), name: Field(), type: Field(80), fair: Field(80) }, closed)

/** Form 1, but for what the plan and the inspection say themselves (fields 1 to 7) and the signatures (19 to 23). */
export const FormOne = Type.Object(
  {
    additionalChanges: Field(500),
    processReference: Field(),
    organization: Field(),
    supplierCode: Field(80),
    purchaseOrder: Field(80),
    scope: Type.Optional(Type.Enum(['detail', 'assembly'])),
    extent: Type.Optional(Type.Enum(['full', 'partial'])),
    baseline: Field(),
    reason: Field(500),
    assembly: Type.Array(AssemblyPart, { maxItems: 200, default: [] }),
    customerApproval: Field(),
    customerApprovalDate: Field(40),
    comments: Field(2000),
  },
  closed,
)
export type FormOne = Static<typeof FormOne>

export const InspectionForms = Type.Object({ one: FormOne, two: Type.Array(ProductRow, { maxItems: 100 }) }, closed)
export type InspectionForms = Static<typeof InspectionForms>

export type FieldLevel = 'required' | 'conditional' | 'optional'
export interface FormField {
  number: number
  /** In revision B, where that is another. */
  numberB?: number
  level: FieldLevel
  en: string
  de: string
}
const field = (number: number, level: FieldLevel, en: string, de: string, numberB?: number): FormField => ({
  number,
  level,
  en,
  de,
  ...(numberB === undefined ? {} : { numberB }),
})

export const FORM_ONE = {
  part: field(1, 'required', 'Part Number', 'Teilenummer'),
  partName: field(2, 'required', 'Part Name', 'Teilebenennung'),
  serial: field(3, 'conditional', 'Serial Number', 'Seriennummer'),
  fair: field(4, 'required', 'FAIR Identifier', 'FAIR-Kennung'),
  partRevision: field(5, 'conditional', 'Part Revision Level', 'Revisionsstand des Teils'),
  drawing: field(6, 'conditional', 'Drawing Number', 'Zeichnungsnummer'),
  drawingRevision: field(7, 'conditional', 'Drawing Revision Level', 'Revisionsstand der Zeichnung'),
  additionalChanges: field(8, 'conditional', 'Additional Changes', 'Zusätzliche Änderungen'),
  processReference: field(9, 'required', 'Manufacturing Process Reference', 'Bezug auf den Fertigungsprozess'),
  organization: field(10, 'required', 'Organization Name', 'Name der Organisation'),
  supplierCode: field(11, 'optional', 'Supplier Code', 'Lieferantennummer'),
  purchaseOrder: field(12, 'optional', 'Purchase Order Number', 'Bestellnummer'),
  scope: field(13, 'required', 'Detail/Assembly', 'Einzelteil / Baugruppe'),
  extent: field(14, 'required', 'Full FAI / Partial FAI', 'Vollständige FAI / Teil-FAI'),
  baseline: field(14, 'conditional', 'Baseline Part Number with Revision Level', 'Bezugsteil mit Revisionsstand'),
  reason: field(14, 'required', 'Reason for Full/Partial FAI', 'Grund der vollständigen/Teil-FAI'),
  assemblyPart: field(15, 'conditional', 'Part Number (of the assembly)', 'Teilenummer (in der Baugruppe)'),
  assemblyName: field(16, 'conditional', 'Part Name', 'Teilebenennung'),
  assemblyType: field(17, 'conditional', 'Part Type', 'Art des Teils'),
  assemblyFair: field(18, 'conditional', 'FAIR Identifier', 'FAIR-Kennung'),
  hasNonconformance: field(19, 'required', 'Does FAIR Contain a Documented Nonconformance(s)', 'Enthält der FAIR eine dokumentierte Abweichung'),
  verifiedBy: field(20, 'required', 'FAIR Verified By', 'FAIR geprüft von', 19),
  verifiedAt: field(21, 'required', 'Date', 'Datum', 20),
  approvedBy: field(22, 'required', 'FAIR Reviewed/Approved By', 'FAIR freigegeben von', 21),
  approvedAt: field(23, 'required', 'Date', 'Datum', 22),
  customerApproval: field(24, 'conditional', 'Customer Approval', 'Freigabe des Kunden', 23),
  customerApprovalDate: field(25, 'conditional', 'Date', 'Datum', 24),
  comments: field(26, 'optional', 'Comments', 'Bemerkungen'),
} satisfies Record<string, FormField>

export const FORM_TWO = {
  name: field(5, 'conditional', 'Material or Process Name', 'Werkstoff oder Prozess'),
  specification: field(6, 'conditional', 'Specification Number', 'Spezifikation'),
  code: field(7, 'optional', 'Code', 'Code'),
  supplier: field(8, 'conditional', 'Supplier', 'Lieferant'),
  customerApproval: field(9, 'conditional', 'Customer Approval Verification', 'Vom Kunden zugelassen'),
  certificate: field(10, 'conditional', 'Certificate of Conformance Number', 'Nummer des Konformitätszeugnisses'),
  testProcedure: field(11, 'conditional', 'Functional Test Procedure Number', 'Nummer der Funktionsprüfung'),
  acceptanceReport: field(12, 'conditional', 'Acceptance Report Number', 'Nummer des Abnahmeberichts'),
  comments: field(13, 'optional', 'Comments', 'Bemerkungen'),
} satisfies Record<string, FormField>

export const FORM_THREE = {
  number: field(5, 'required', 'Char. No.', 'Merkmalsnr.'),
  place: field(6, 'conditional', 'Reference Location', 'Ort auf der Zeichnung'),
  designator: field(7, 'conditional', 'Characteristic Designator', 'Kennzeichen des Merkmals'),
  requirement: field(8, 'required', 'Requirement', 'Forderung'),
  results: field(9, 'required', 'Results', 'Ergebnisse'),
  tooling: field(10, 'conditional', 'Designed/Qualified Tooling', 'Eigene/qualifizierte Prüfmittel'),
  nonconformance: field(11, 'conditional', 'Nonconformance Number', 'Nummer der Abweichung'),
  comments: field(12, 'optional', 'Additional Data/Comments', 'Weitere Angaben/Bemerkungen', 14),
} satisfies Record<string, FormField>

/** Of form 1, what people fill in as text. */
export const FORM_ONE_TEXTS = [
  'additionalChanges',
  'processReference',
  'organization',
  'supplierCode',
  'purchaseOrder',
  'baseline',
  'reason',
  'customerApproval',
  'customerApprovalDate',
  'comments',
] as const satisfies readonly (keyof FormOne)[]
