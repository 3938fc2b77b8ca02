import { settingsSignIn as de } from '../../shared/text/de/settings-sign-in.ts'
import { settingsSignIn as en } from '../../shared/text/en/settings-sign-in.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useProviderText = catalogue(en, de)
