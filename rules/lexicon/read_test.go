package lexicon_test

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules/lexicon"
)

var shared = sync.OnceValues(func() (*lexicon.Lexicon, error) { return lexicon.New() })

func words(t testing.TB) *lexicon.Lexicon {
	t.Helper()
	l, err := shared()
	require.NoError(t, err)
	return l
}

func TestValues(t *testing.T) {
	type want struct {
		num  float64
		unit string
	}
	for text, wants := range map[string][]want{
		"Reach 1,000 customers":                          {{1000, "customers"}},
		"Reach 12,500,000 impressions":                   {{12500000, "impressions"}},
		"Umsatz von 1.000.000 € erreichen":               {{1000000, "EUR"}},
		"Umsatz von 1.000 € auf 2.500 € steigern":        {{1000, "EUR"}, {2500, "EUR"}},
		"Atteindre 1 000 abonnés":                        {{1000, "abonnés"}},
		"Reach 1'500 members":                            {{1500, "members"}},
		"Raise the score to 1.5":                         {{1.5, ""}},
		"Satisfacción de 7,5":                            {{7.5, ""}},
		"Reach 1,234.5 points":                           {{1234.5, "points"}},
		"Erlös von 1.234,50 EUR":                         {{1234.5, "EUR"}},
		"Grow to 10k users":                              {{10000, "users"}},
		"Grow revenue to $20Mn":                          {{20000000, "USD"}},
		"Receita de R$ 1 milhão":                         {{1000000, "BRL"}},
		"Revenue of 1.2bn":                               {{1.2e9, ""}},
		"Umsatz von 20 Mio. €":                           {{20000000, "EUR"}},
		"Reach 2.5 million downloads":                    {{2500000, "downloads"}},
		"Quote von 12 %":                                 {{12, "%"}},
		"Raise margin by 5 pp":                           {{5, "pp"}},
		"Raise margin by 5 percentage points":            {{5, "pp"}},
		"Raise margin by three percentage points":        {{3, "pp"}},
		"Increase output 3x":                             {{3, "x"}},
		"NPS of 45+":                                     {{45, ""}},
		"At least 60%+ coverage":                         {{60, "%"}},
		"1/3 of customers renew":                         {{1.0 / 3, ""}},
		"Rating of 4.5/5":                                {{4.5, "/5"}},
		"9 out of 10 customers renew":                    {{9, "/10"}},
		"Note moyenne de 4 sur 5":                        {{4, "/5"}},
		"Latency under 300 ms":                           {{300, "ms"}},
		"Latency under 0.3s":                             {{0.3, "seconds"}},
		"Answer within two hours":                        {{2, "hours"}},
		"Close twenty five deals":                        {{25, "deals"}},
		"Reach two hundred thousand readers":             {{200000, "readers"}},
		"A dozen pilots":                                 {{12, "pilots"}},
		"Zero outages":                                   {{0, "outages"}},
		"No outages":                                     {{0, "outages"}},
		"Halve the backlog":                              {{0.5, "x"}},
		"Verdopplung der Leads":                          {{2, "x"}},
		"Half of all teams report weekly":                {{50, "%"}},
		"Spend below USD 400 per seat":                   {{400, "USD"}},
		"Spend below €1.5m":                              {{1500000, "EUR"}},
		"Three workouts per week, 4x/week later":         {{3, "workouts"}, {4, "times"}},
		"Wait from 1h 30min to 45min":                    {{90, "minutes"}, {45, "minutes"}},
		"Save $50k - $80k":                               {{50000, "USD"}},
		"Reach 10-20k readers":                           {{10000, "readers"}},
		"Half as many outages":                           {{0.5, "x"}},
		"Kosten von 200 T€":                              {{200000, "EUR"}},
		"月活用户达到 50 万":                                    {{500000, ""}},
		"留存率从20%提升到35%":                                  {{20, "%"}, {35, "%"}},
		"Conversion from 2% to 3% per 1,000 impressions": {{2, "%"}, {3, "%"}, {1000, "impressions"}},
	} {
		t.Run(text, func(t *testing.T) {
			s := words(t).Read(text)
			var got []want
			for _, v := range s.Values {
				require.Equal(t, text[v.Start:v.End], v.Text)
				got = append(got, want{v.Number, v.Unit})
			}
			require.Equal(t, wants, got)
		})
	}
}

func TestNamesAreNoValues(t *testing.T) {
	for text, name := range map[string]string{
		"Fix every P0 bug":                         "P0",
		"Pass the SOC 2 audit":                     "SOC 2",
		"Ship v2 to everyone":                      "v2",
		"Ship v2.1 to everyone":                    "v2.1",
		"Track p95 latency":                        "p95",
		"Improve 7-day activation":                 "7-day",
		"Improve week-4 retention":                 "week-4",
		"Support 3G connections":                   "3G",
		"Win a Fortune 500 logo":                   "Fortune 500",
		"Offer a 24/7 hotline":                     "24/7",
		"Become ISO 27001 certified":               "ISO 27001",
		"Serve tier 1 accounts":                    "tier 1",
		"Hold 1:1 talks":                           "1:1",
		"Kundinnen in Stufe 2 begleiten":           "Stufe 2",
		"Enable 2FA everywhere":                    "2FA",
		"Finish the two-week course for newcomers": "two-week",
	} {
		t.Run(text, func(t *testing.T) {
			s := words(t).Read(text)
			require.Empty(t, s.Values)
			require.Len(t, s.Names, 1)
			require.Equal(t, name, text[s.Names[0].Start:s.Names[0].End])
			require.False(t, s.Wording.HasTarget)
		})
	}
}

func TestDates(t *testing.T) {
	for text, want := range map[string]string{
		"Reach 10 clients by 30 Jun":               "30 June",
		"Reach 10 clients by Sep 30":               "30 September",
		"Reach 10 clients by September 30th, 2026": "2026-09-30",
		"Reach 10 clients by the 1st of July":      "1 July",
		"10 Kunden bis Ende Juni":                  "June",
		"10 Kunden bis 30. Juni 2026":              "2026-06-30",
		"10 Kunden bis 30.06.2026":                 "2026-06-30",
		"10 clients by 2026-06-30":                 "2026-06-30",
		"10 clients by 06/30/2026":                 "2026-06-30",
		"10 clientes hasta 05/06/2026":             "2026-06-05",
		"10 clients d'ici le 7 mars":               "7 March",
		"10 clientes até set/2026":                 "September 2026",
		"10 clients in Q2":                         "Q2",
		"10 clients by Q2 2026":                    "Q2 2026",
		"10 clients by 2026-Q2":                    "Q2 2026",
		"10 clients by Q2'26":                      "Q2 2026",
		"10 clients in FY23-Q2":                    "Q2 FY2023",
		"10 clients by H1 2027":                    "H1 2027",
		"10 clients au T3":                         "Q3",
		"10 clients by the end of the quarter":     "end of quarter",
		"10 clients by EOQ":                        "end of quarter",
		"10 clients d'ici fin du trimestre":        "end of quarter",
		"10 Kunden bis Jahresende":                 "end of year",
		"10 clients by 2027":                       "2027",
		"10 clients in the second quarter of 2026": "Q2 2026",
		"10 Kunden im 2. Quartal":                  "Q2",
		"10 clients by March":                      "March",
		"Answer 10 clients within 7 days":          "",
	} {
		t.Run(text, func(t *testing.T) {
			s := words(t).Read(text)
			if want == "" {
				require.Empty(t, s.Dates)
				return
			}
			require.Len(t, s.Dates, 1)
			require.Equal(t, want, s.Dates[0].String())
			require.NotEmpty(t, s.Values, "the ten stays a value")
			require.InDelta(t, 10, s.Values[0].Number, 0)
		})
	}
}

func TestAmbiguousTextKeepsItsReadings(t *testing.T) {
	l := words(t)
	s := l.Read("Raise the index to 1.000")
	require.NotNil(t, s.Measure)
	require.False(t, s.Measure.Target.Known(), "one or a thousand: not for the reader to guess")
	require.Len(t, s.Measure.Candidates, 2)
	require.True(t, s.Wording.HasTarget)

	s = l.Read("Reach 50 partners by 06/07/2026")
	require.Len(t, s.Dates[0].Candidates, 2)
	require.Len(t, s.Measure.Candidates, 2)
	require.Equal(t, "2026-06-07", s.Measure.Candidates[0].Due.String())
	require.Equal(t, "2026-07-06", s.Measure.Candidates[1].Due.String())

	s = l.Read("Reduce churn rate 5%")
	require.Len(t, s.Measure.Candidates, 2, "by five per cent, or to")

	require.Empty(t, l.Read("Umsatz auf 1.000 Euro steigern").Values[0].Readings, "German groups by points")
	require.InDelta(t, 2000, l.Read("Reach 2.000 users").Values[0].Number, 0, "users are counted whole")
}

type known struct {
	kind             lexicon.Kind
	dir              lexicon.Direction
	base, target     string
	unit, metric     string
	relative, strict bool
}

func TestMeasure(t *testing.T) {
	for text, want := range map[string]known{
		"Reduce churn from 5% to 3%":                          {lexicon.Decrease, lexicon.Down, "5", "3", "%", "churn", false, false},
		"Reduce lead time from 11 days to 4":                  {lexicon.Decrease, lexicon.Down, "11", "4", "days", "lead time", false, false},
		"Move adoption from 31 to 55 percent":                 {lexicon.Increase, lexicon.Up, "31", "55", "%", "adoption", false, false},
		"Activation 35% → 50%":                                {lexicon.Increase, lexicon.Up, "35", "50", "%", "Activation", false, false},
		"Achieve an NPS of 50 (up from 32)":                   {lexicon.Increase, lexicon.Up, "32", "50", "", "NPS", false, false},
		"Hit 80 kg squats (current: 60 kg)":                   {lexicon.Increase, lexicon.Up, "60", "80", "kg", "squats", false, false},
		"Cut cost per order by 20%":                           {lexicon.Decrease, lexicon.Down, "?", "20", "%", "cost per order", true, false},
		"Double weekly active teams":                          {lexicon.Increase, lexicon.Up, "?", "2", "x", "weekly active teams", true, false},
		"Raise rides before nine from 400 to 650 a day":       {lexicon.Increase, lexicon.Up, "400", "650", "", "rides", false, false},
		"Halve the backlog":                                   {lexicon.Decrease, lexicon.Down, "?", "0.5", "x", "backlog", true, false},
		"Error rate below 0.1%":                               {lexicon.ReachAtMost, lexicon.Down, "?", "0.1", "%", "Error rate", false, true},
		"NPS ≥ 55":                                            {lexicon.ReachLeast, lexicon.Up, "?", "55", "", "NPS", false, false},
		"Keep spend under $10k":                               {lexicon.ReachAtMost, lexicon.Keep, "?", "10000", "USD", "spend", false, true},
		"Zero outages in June":                                {lexicon.ReachAtMost, lexicon.Down, "?", "0", "outages", "outages", false, false},
		"Decrease MTTR from 4h to 45min":                      {lexicon.Decrease, lexicon.Down, "240", "45", "minutes", "MTTR", false, false},
		"Reduce waste from 7%":                                {lexicon.KindUnknown, lexicon.Down, "7", "?", "%", "waste", false, false},
		"Launch the shop and win 300 buyers":                  {lexicon.ReachLeast, lexicon.Up, "?", "300", "buyers", "buyers", false, false},
		"Close 10 deals over $50k (up from 3)":                {lexicon.Increase, lexicon.Up, "3", "10", "deals", "deals", false, false},
		"Umsatz von 2 Mio. € auf 3 Mio. € steigern":           {lexicon.Increase, lexicon.Up, "2000000", "3000000", "EUR", "Umsatz", false, false},
		"Réduire de 50 % le nombre de tickets":                {lexicon.Decrease, lexicon.Down, "?", "50", "%", "nombre de tickets", true, false},
		"Diviser par 4 le délai (de 20 min à 5 min)":          {lexicon.Decrease, lexicon.Down, "20", "5", "minutes", "délai", false, false},
		"Reducir la rotación en un 15%":                       {lexicon.Decrease, lexicon.Down, "?", "15", "%", "rotación", true, false},
		"Aumentar a receita de R$ 1 milhão para R$ 2 milhões": {lexicon.Increase, lexicon.Up, "1000000", "2000000", "BRL", "receita", false, false},
		"用户留存率从20%提升到35%":                                     {lexicon.Increase, lexicon.Up, "20", "35", "%", "用户留存率", false, false},
	} {
		t.Run(text, func(t *testing.T) {
			m := words(t).Read(text).Measure
			require.NotNil(t, m)
			require.Equal(t, want, known{m.Kind, m.Direction, m.Baseline.String(), m.Target.String(), m.Unit, m.Metric, m.Relative, m.Strict})
		})
	}
	between := words(t).Read("Keep stock between 20 and 30 days").Measure
	require.Equal(t, lexicon.Between, between.Kind)
	require.Equal(t, "20", between.Target.String())
	require.Equal(t, "30", between.Upper.String())
	require.Equal(t, "3-5 pilots", words(t).Read("Run 3-5 pilots with hospitals").Text[4:14])
	require.True(t, words(t).Read("Win 3–5 pilots").Values[0].IsRange)
}

func TestLanguage(t *testing.T) {
	for text, lang := range map[string]string{
		"Increase the share of returning guests":   "en",
		"Den Anteil wiederkehrender Gäste erhöhen": "de",
		"Augmenter la part des clients fidèles":    "fr",
		"Aumentar la cuota de clientes fieles":     "es",
		"Aumentar a fatia dos clientes fiéis":      "pt",
		"提升客户满意度":                                  "zh",
		"売上を増やす":                                   "ja",
		"매출 증가":                                    "ko",
		"Повысить качество":                        "und",
		"Omzet verhogen van 1 naar 2 miljoen":      "",
		"Zadowolenie klientów rośnie":              "",
		"Zvýšit spokojenost zákazníků":             "",
		"Müşteri memnuniyetini artırmak":           "",
		"Nâng cao sự hài lòng của khách hàng":      "",
		"Den Anteil der Gäste aus Łódź erhöhen":    "de",
		"Raise the share of visitors to Plzeň":     "en",
		"":                                         "",
	} {
		s := words(t).Read(text)
		require.Equal(t, lang, s.Lang, text)
		known := lang == "en" || lang == "de" || lang == "fr" || lang == "es" || lang == "pt"
		require.Equal(t, known, s.Wording.LangJudged, text)
		if !known && text != "" {
			require.Contains(t, s.Wording.Why, "numbers and shape alone", text)
		}
	}
}

func TestOneLanguageMore(t *testing.T) {
	l, err := lexicon.New(lexicon.WithWords(os.DirFS("testdata/words")))
	require.NoError(t, err)
	more := l.Languages()[5]
	require.Equal(t, []any{"nl", "Dutch", byte(',')}, []any{more.Code, more.Name, more.Decimal})
	s := l.Read("De omzet verhogen van 1,5 naar 2 voor onze klanten")
	require.Equal(t, "nl", s.Lang)
	require.Equal(t, "1.5", s.Measure.Baseline.String())
	for text, want := range map[string]lexicon.Reason{
		"Lanceren van een site":                                        lexicon.TaskOnly,
		"Een nieuwe webwinkel opzetten":                                lexicon.TaskOnly,
		"5 blogartikelen schrijven":                                    lexicon.TaskOnly,
		"Tien bijeenkomsten met klanten organiseren":                   lexicon.TaskOnly,
		"De nieuwe website is online":                                  lexicon.TaskOnly,
		"Klanttevredenheid verbeteren":                                 lexicon.NotMeasurable,
		"De betere klanttevredenheid van onze leden":                   lexicon.TooVague,
		"Klanttevredenheid van 7 naar 8 verhogen":                      lexicon.Sound,
		"Het verloop met 10 procent verlagen":                          lexicon.Sound,
		"30 klanten winnen":                                            lexicon.Sound,
		"Een nieuwe webwinkel opzetten zodat de omzet met 20 % stijgt": lexicon.Sound,
		"Geen klachten in juni":                                        lexicon.Sound,
		"Alle klanten zijn tevreden":                                   lexicon.Sound,
	} {
		s := l.Read(text)
		require.Equal(t, "nl", s.Lang, text)
		require.True(t, s.Wording.LangJudged, text)
		_, got := s.Wording.Weak()
		require.Equal(t, want, got, "%s: %s", text, s.Wording.Why)
		require.NotContains(t, s.Wording.Why, "numbers and shape")
		// Without the list, the same sentence is judged by its numbers and says so.
		s = words(t).Read(text)
		if s.Lang == "" {
			require.Contains(t, s.Wording.Why, "numbers and shape", text)
		}
	}
	// A further language takes nothing from those that are there.
	for _, text := range []string{"Reduce churn from 5% to 3%", "Neue Website launchen", "Zéro incident critique", "Aumentar las ventas", "Aumentar vendas", "提升客户满意度"} {
		require.Equal(t, words(t).Read(text).Wording, l.Read(text).Wording)
	}
}

func TestBadWordLists(t *testing.T) {
	for name, list := range map[string]string{
		"no language":       "[task]\nship",
		"unknown section":   "language xx\n[tsk]\nship",
		"no section":        "language xx\nship",
		"no number":         "language xx\n[number]\none=uno",
		"bad unit line":     "language xx\n[unit]\ndays day",
		"bad decimal":       "language xx\ndecimal dot",
		"empty form":        "language xx\n[task]\nship//shipped",
		"no code":           "language ",
		"unknown shape":     "language xx\nshape verb-first",
		"letters first":     "letters ä",
		"half a participle": "language xx\nparticiple er",
	} {
		_, err := lexicon.New(lexicon.WithWords(fstest.MapFS{"xx.txt": {Data: []byte(list)}}))
		require.ErrorIs(t, err, lexicon.ErrWords, name)
		require.ErrorContains(t, err, "xx.txt:", name)
	}
	_, err := lexicon.New(lexicon.WithWords(fstest.MapFS{}))
	require.ErrorIs(t, err, lexicon.ErrWords)
	l, err := lexicon.New(lexicon.WithoutEmbedded())
	require.NoError(t, err)
	require.Empty(t, l.Languages())
	require.False(t, l.Read("Reach 5 customers").Wording.LangJudged)
}

func TestUnknownIsNullInJSON(t *testing.T) {
	b, err := json.Marshal(words(t).Read("Increase margin to 20%").Measure)
	require.NoError(t, err)
	require.Contains(t, string(b), `"baseline":null`)
	require.Contains(t, string(b), `"target":20`)
	require.NotContains(t, string(b), `"due"`)
	var m lexicon.Measure
	require.NoError(t, json.Unmarshal(b, &m))
	require.False(t, m.Baseline.Known())
	require.Equal(t, lexicon.N(20), m.Target)
}

func TestLongTextIsCut(t *testing.T) {
	s := words(t).Read(strings.Repeat("größer 5 ", 10000))
	require.LessOrEqual(t, len(s.Text), 16<<10)
}
