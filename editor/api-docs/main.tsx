/** The page of the API's documents. */
import { mountPage } from '../shared/theme.tsx'
import { ApiPage } from './api-page.tsx'

mountPage(<ApiPage />)
