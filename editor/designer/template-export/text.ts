/** The words of making a template, in the person's language. */
import { designerTemplateExport as de } from '../../shared/text/de/designer-template-export.ts'
import { designerTemplateExport as en } from '../../shared/text/en/designer-template-export.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useExportText = catalogue(en, de)
