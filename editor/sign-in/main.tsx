/** `/sign-in`: by name tile and PIN, or by user name and password. */
import { mountPage } from '../shared/theme.tsx'
import { SignInPage } from './sign-in-page.tsx'

mountPage(<SignInPage />)
