/** The page of the settings. */
import { mountPage } from '../shared/theme.tsx'
import { SettingsPage } from './settings-page.tsx'

mountPage(<SettingsPage />)
