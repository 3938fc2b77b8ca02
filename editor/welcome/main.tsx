/** `/welcome#…`: somebody chooses a password by a link that an administrator has made. */
import { mountPage } from '../shared/theme.tsx'
import { WelcomePage } from './welcome-page.tsx'

mountPage(<WelcomePage />)
