package measure

const maxDigits = 9
