import type { stock as en } from '../en/designer-stock.ts'
import type { Translation } from '../index.ts'

export const stock: Translation<typeof en> = {
  loading: 'Das Formular des Nodes wird geladen',
  into: 'In das Formular gehen',
  failed:
    'Das eigene Formular des Nodes lässt sich nicht laden. Seine gespeicherten Werte stehen darunter; das Formular ist wieder da, sobald die Flow-Laufzeit läuft.',
  signedOut: 'Sie sind nicht mehr angemeldet, deshalb lässt sich das eigene Formular des Nodes nicht laden. Laden Sie die Seite neu und melden Sie sich an.',
  again: 'Noch einmal versuchen',
  frame: (label) => `Formular von ${label}`,
  pick: {
    label: 'Nodes für das offene Formular auswählen',
    one: 'Wählen Sie einen Node auf der Arbeitsfläche',
    some: 'Wählen Sie Nodes auf der Arbeitsfläche, mehrere mit Strg',
    chosen: (count) => `${count} gewählt`,
    cancel: 'Abbrechen',
    done: 'Fertig',
  },
}
