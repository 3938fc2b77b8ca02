/** `/`: the designer. */
import './designer.css'
import { mountPage } from '../shared/theme.tsx'
import { DesignerPage } from './designer-page.tsx'

mountPage(<DesignerPage />)
