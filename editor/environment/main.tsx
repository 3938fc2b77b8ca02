/** The page of this installation. */
import { mountPage } from '../shared/theme.tsx'
import { EnvironmentPage } from './environment-page.tsx'

mountPage(<EnvironmentPage />)
