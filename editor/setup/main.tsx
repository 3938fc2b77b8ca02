/** `/setup?code=…`: the first account, and the first flow. */
import { mountPage } from '../shared/theme.tsx'
import { SetupPage } from './setup-page.tsx'

mountPage(<SetupPage />)
