package parse

// monthLanguages are the languages whose names of months are known, the more common first. Each has
// twelve groups of names: full names and abbreviations, in the cases that the language uses in a date and
// alone, of the C library's locales (LC_TIME) old and new and of Unicode's (CLDR); in lower case, without the points of abbreviations.
var monthLanguages = [...]struct{ language, months string }{
	{"English", "jan,january feb,february mar,march apr,april may jun,june jul,july aug,august sep,september oct,october nov,november dec,december"},
	{"German, Austrian", "jan,jän,jaen,januar,jänner feb,februar mrz,mär,märz apr,april mai jun,juni jul,juli aug,august sep,sept,september okt,oktober nov,november dez,dezember"},
	{"French", "jan,janv,janvier fev,fév,fevr,févr,février mars avr,avril mai juin jui,juil,juillet aoû,aout,août sept,septembre oct,octobre nov,novembre dec,déc,décembre"},
	{"Spanish", "ene,enero feb,febrero mar,marzo abr,abril may,mayo jun,junio jul,julio ago,agosto sep,set,sept,setiembre,septiembre oct,octubre nov,noviembre dic,diciembre"},
	{"Italian", "gen,gennaio feb,febbraio mar,marzo apr,aprile mag,maggio giu,giugno lug,luglio ago,agosto set,settembre ott,ottobre nov,novembre dic,dicembre"},
	{"Portuguese", "jan,janeiro fev,fevereiro mar,março abr,abril mai,maio jun,junho jul,julho ago,agosto set,setembro out,outubro nov,novembro dez,dezembro"},
	{"Dutch", "jan,januari feb,februari mar,mrt,maart apr,april mei jun,juni jul,juli aug,augustus sep,september okt,oktober nov,november dec,december"},
	{"Danish", "jan,januar feb,februar mar,marts apr,april maj jun,juni jul,juli aug,august sep,september okt,oktober nov,november dec,december"},
	{"Swedish", "jan,januari feb,februari mar,mars apr,april maj jun,juni jul,juli aug,augusti sep,september okt,oktober nov,november dec,december"},
	{"Norwegian", "jan,januar feb,februar mar,mars apr,april mai jun,juni jul,juli aug,august sep,september okt,oktober nov,november des,desember"},
	{"Finnish", "tammi,tammik,tammikuu,tammikuuta helmi,helmik,helmikuu,helmikuuta maalis,maalisk,maaliskuu,maaliskuuta huhti,huhtik,huhtikuu,huhtikuuta touko,toukok,toukokuu,toukokuuta kesä,kesäk,kesäkuu,kesäkuuta heinä,heinäk,heinäkuu,heinäkuuta elo,elok,elokuu,elokuuta syys,syysk,syyskuu,syyskuuta loka,lokak,lokakuu,lokakuuta marras,marrask,marraskuu,marraskuuta joulu,jouluk,joulukuu,joulukuuta"},
	{"Polish", "sty,styczeń,stycznia lut,luty,lutego mar,marca,marzec kwi,kwiecień,kwietnia maj,maja cze,czerwca,czerwiec lip,lipca,lipiec sie,sierpień,sierpnia wrz,wrzesień,września paź,październik,października lis,listopad,listopada gru,grudnia,grudzień"},
	{"Czech", "led,leden,ledna úno,únor,února bře,březen,března dub,duben,dubna kvě,květen,května čen,čer,čvn,červen,června čec,čvc,července,červenec srp,srpen,srpna zář,září říj,říjen,října lis,listopad,listopadu pro,prosince,prosinec"},
	{"Slovak", "jan,január,januára feb,február,februára mar,marca,marec apr,apríl,apríla máj,mája jún,júna júl,júla aug,august,augusta sep,september,septembra okt,október,októbra nov,november,novembra dec,december,decembra"},
	{"Slovene", "jan,januar feb,februar mar,marec apr,april maj jun,junij jul,julij avg,avgust sep,september okt,oktober nov,november dec,december"},
	{"Russian", "янв,январь,января фев,февр,февраль,февраля мар,март,марта апр,апрель,апреля май,мая июн,июнь,июня июл,июль,июля авг,август,августа сен,сент,сентябрь,сентября окт,октябрь,октября ноя,нояб,ноябрь,ноября дек,декабрь,декабря"},
	{"Ukrainian", "січ,січня,січень лют,лютий,лютого бер,березня,березень кві,квіт,квітня,квітень тра,трав,травня,травень чер,черв,червня,червень лип,липня,липень сер,серп,серпня,серпень вер,вересня,вересень жов,жовт,жовтня,жовтень лис,лист,листопад,листопада гру,груд,грудня,грудень"},
	{"Belarusian", "сту,студзень,студзеня лют,люты,лютага сак,сакавік,сакавіка кра,красавік,красавіка май,мая чэр,чэрвень,чэрвеня ліп,ліпень,ліпеня жні,жніўня,жнівень вер,верасня,верасень кас,кастрычнік,кастрычніка ліс,лістапад,лістапада сне,снежня,снежань"},
	{"Bulgarian", "яну,януари фев,февруари мар,март апр,април май юни юли авг,август сеп,септ,септември окт,октомври ное,ноемв,ноември дек,декември"},
	{"Serbian", "јан,јануар феб,фебруар мар,март апр,април мај јун јул авг,август сеп,септембар окт,октобар нов,новембар дец,децембар"},
	{"Macedonian", "јан,јануари фев,февруари мар,март апр,април мај јун,јуни јул,јули авг,август сеп,септ,септември окт,октомври ное,ноем,ноември дек,декември"},
	{"Hungarian", "jan,január febr,február már,márc,március ápr,április máj,május jún,június júl,július aug,augusztus sze,szep,szept,szeptember okt,október nov,november dec,december"},
	{"Romanian", "ian,ianuarie feb,februarie mar,martie apr,aprilie mai iun,iunie iul,iulie aug,august sep,sept,septembrie oct,octombrie noi,nov,noiembrie dec,decembrie"},
	{"Greek", "ιαν,ιανουάριος,ιανουαρίου φεβ,φεβρουάριος,φεβρουαρίου μάρ,μαρ,μάρτιος,μαρτίου απρ,απρίλιος,απριλίου μάι,μαΐ,μάιος,μαΐου ιουν,ιούν,ιουνίου,ιούνιος ιουλ,ιούλ,ιουλίου,ιούλιος αυγ,αύγ,αυγούστου,αύγουστος σεπ,σεπτέμβριος,σεπτεμβρίου οκτ,οκτωβρίου,οκτώβριος νοέ,νοε,νοέμβριος,νοεμβρίου δεκ,δεκέμβριος,δεκεμβρίου"},
	{"Turkish", "oca,ocak şub,şubat mar,mart nis,nisan may,mayıs haz,haziran tem,temmuz ağu,ağustos eyl,eylül eki,ekim kas,kasım ara,aralık"},
	{"Estonian", "jan,jaan,jaanuar feb,veb,veebr,veebruar mär,märts apr,aprill mai juun,juuni juul,juuli aug,august sept,september okt,oktoober nov,november det,dets,detsember"},
	{"Latvian", "jan,janv,janvāris feb,febr,februāris mar,marts apr,aprīlis mai,maijs jūn,jūnijs jūl,jūlijs aug,augusts sep,sept,septembris okt,oktobris nov,novembris dec,decembris"},
	{"Lithuanian", "sau,saus,sausio,sausis vas,vasario,vasaris kov,kovo,kovas bal,balandis,balandžio geg,gegužė,gegužės bir,birž,birželio,birželis lie,liep,liepa,liepos rgp,rugp,rugpjūtis,rugpjūčio rgs,rugs,rugsėjo,rugsėjis spa,spal,spalio,spalis lap,lapkr,lapkritis,lapkričio grd,gruod,gruodis,gruodžio"},
	{"Croatian", "sij,siječanj,siječnja vel,velj,veljača,veljače ožu,ožujak,ožujka tra,travanj,travnja svi,svibanj,svibnja lip,lipanj,lipnja srp,srpanj,srpnja kol,kolovoz,kolovoza ruj,rujan,rujna lis,listopad,listopada stu,studeni,studenog,studenoga pro,prosinac,prosinca"},
	{"Serbian, Bosnian", "jan,januar feb,februar mar,mart apr,april maj jun jul avg,avgust sep,septembar okt,oktobar nov,novembar dec,decembar"},
	{"Catalan", "gen,gener feb,febr,febrer mar,març abr,abril,d'abr,d'abril mai,maig jun,juny jul,juliol ag,ago,d'ag,agost,d'agost set,setembre oct,d'oct,octubre,d'octubre nov,novembre des,desembre"},
	{"Basque", "urt,urtarrila ots,otsaila mar,martxoa api,apirila mai,maiatza eka,ekaina uzt,uztaila abu,abuztua ira,iraila urr,urria aza,azaroa abe,abendua"},
	{"Irish", "ean,eanáir fea,feabh,feabhra mar,már,márta aib,aibreán bea,beal,bealtaine mei,meith,meitheamh iúi,iúil lún,lúnasa mfó,mfómh dfó,dfómh sam,samh,samhain nol,noll,nollaig"},
	{"Galician", "xan,xaneiro feb,febreiro mar,marzo abr,abril mai,maio xuñ,xuño xul,xullo ago,agosto set,setembro out,outubro nov,novembro dec,decembro"},
	{"Icelandic", "jan,janúar feb,febrúar mar,mars apr,apríl maí jún,júní júl,júlí ágú,ágúst sep,september okt,október nóv,nóvember des,desember"},
	{"Afrikaans", "jan,januarie feb,februarie mrt,maart apr,april mei jun,junie jul,julie aug,augustus sep,september okt,oktober nov,november des,desember"},
	{"Albanian", "jan,janar shk,shkurt mar,mars pri,prill maj qer,qershor kor,korr,korrik gsh,gush,gusht sht,shtator tet,tetor nën,nëntor dhj,dhjetor"},
	{"Indonesian", "jan,januari feb,februari mar,maret apr,april mei jun,juni jul,juli agu,agustus sep,september okt,oktober nov,november des,desember"},
}

// monthCharsets are the charsets in which names of months are recognized besides UTF-8: the
// characters of the bytes from 0x80 on, with a point for what no name of a month has.
var monthCharsets = [...]struct{ charset, chars string }{
	{"Latin-1, and Windows-1252 as far as letters go", ".................................................................Á..Ä..Ç.É.Ë.Í...Ñ.Ó......ÚÛÜ....á..ä..ç.é.ë.í...ñ.ó......úûü..."},
	{"Latin-2", "......................................Ś...Ş.Ź.Ž.......ś...ş.ź.ž..Á..Ä..ÇČÉ.ËĚÍ...Ń.Ó....Ř.Ú.Ü....á..ä..çčé.ëěí...ń.ó....ř.ú.ü..."},
	{"Windows-1250", "............Ś.ŽŹ............ś.žź..........Ş...............ş......Á..Ä..ÇČÉ.ËĚÍ...Ń.Ó....Ř.Ú.Ü....á..ä..çčé.ëěí...ń.ó....ř.ú.ü..."},
	{"Windows-1251", ".................................ЎўЈ..............Іі........ј...АБВГДЕЖЗИЙКЛМНОПРСТУФ.ЦЧ...ЫЬЭЮЯабвгдежзийклмнопрстуф.цч...ыьэюя"},
	{"KOI8-U, of which KOI8-R is a part", "......................................і...............І.........юабцдефг.ийклмнопярстужвьыз.э.ч.ЮАБЦДЕФГ.ИЙКЛМНОПЯРСТУЖВЬЫЗ.Э.Ч."},
	{"ISO 8859-5", "......................................І.Ј.....Ў.АБВГДЕЖЗИЙКЛМНОПРСТУФ.ЦЧ...ЫЬЭЮЯабвгдежзийклмнопрстуф.цч...ыьэюя......і.ј.....ў."},
	{"MS-DOS code page 866", "АБВГДЕЖЗИЙКЛМНОПРСТУФ.ЦЧ...ЫЬЭЮЯабвгдежзийклмноп................................................рстуф.цч...ыьэюя......Ўў........"},
	{"Greek", "......................................................Ά.Έ.Ί...ΎΏΐΑΒΓΔΕ...ΙΚΛΜΝ.ΟΠΡ.ΣΤΥΦ..Ω..άέ.ί.αβγδε...ικλμν.οπρςστυφ..ω...ύώ."},
	{"Turkish", ".................................................................Á..Ä..Ç.É.Ë.Í..ĞÑ.Ó......ÚÛÜ.Ş..á..ä..ç.é.ë.í..ğñ.ó......úûüış."},
	{"Baltic", "..................................................................Ā.Ä...ČÉŹĖ..Ī..Ń.Ó......ŚŪÜ.Ž...ā.ä...čéźė..ī..ń.ó......śūü.ž."},
	{"MS-DOS code page 850", "Çüé.ä..ç.ë....Ä.É.....û...Ü.....áíóúñÑ...............Á.............................Ë.ıÍ.........Ó........ÚÛ....................."},
	{"MS-DOS code page 852", "Çüé.ä..ç.ë...ŹÄ.É......Śś.Ü....čáíóú..Žž...źČş.......Á.ĚŞ..........................Ë..Í.ě.......Ó..Ńń....Ú..................Řř.."},
}
