import { settingsAccount as de } from '../../shared/text/de/settings-account.ts'
import { settingsAccount as en } from '../../shared/text/en/settings-account.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useAccountText = catalogue(en, de)
