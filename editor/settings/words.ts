/** The words of the settings' own frame; a section has its own catalogue. */
import { settings as de } from '../shared/text/de/settings.ts'
import { settings as en } from '../shared/text/en/settings.ts'
import { catalogue } from '../shared/text/index.ts'

export const useSettingsText = catalogue(en, de)
