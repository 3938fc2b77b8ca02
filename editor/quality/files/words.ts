/** The words of files. */
import { qualityFiles as de } from '../../shared/text/de/quality-files.ts'
import { qualityFiles as en } from '../../shared/text/en/quality-files.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useFilesText = catalogue(en, de)
