import { settingsShop as de } from '../../shared/text/de/settings-shop.ts'
import { settingsShop as en } from '../../shared/text/en/settings-shop.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useShopText = catalogue(en, de)
