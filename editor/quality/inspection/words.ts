/** The words of inspection. */
import type { FormField, Inspection } from '../../../server/api/quality/index.ts'
import { FORM_ONE, FORM_TWO } from '../../../server/api/quality/inspection/forms.ts'
import { qualityInspection as de } from '../../shared/text/de/quality-inspection.ts'
import { qualityInspection as en } from '../../shared/text/en/quality-inspection.ts'
import { catalogue, type Language } from '../../shared/text/index.ts'

export const useInspectionText = catalogue(en, de)
export type InspectionText = typeof en

/** A field of a form as it is called there, with its number: `9 Manufacturing Process Reference`. */
export const fieldName = (field: FormField, language: Language): string => `${field.number} ${language === 'de' ? field.de : field.en}`

export function lackInWords(text: InspectionText['lacks'], lack: Inspection['lacks'][number], language: Language): string {
  switch (lack.what) {
    case 'result':
      return text.result(lack.balloon, String(lack.piece))
    case 'nonconformance':
      return text.nonconformance(lack.balloon, String(lack.piece))
    case 'form-1':
      return text.form1(fieldName(FORM_ONE[lack.field as keyof typeof FORM_ONE], language))
    case 'form-2':
      return text.form2(lack.name, fieldName(FORM_TWO[lack.field as keyof typeof FORM_TWO], language))
    case 'serial':
      return text.serial(String(lack.piece))
    default:
      return lack satisfies never
  }
}
