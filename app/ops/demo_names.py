"""Invented people of the region: parts of names by country, common ones, in the country's script and in Latin letters.

A part reads `ស្រីមុំ/Sreymom`, or stands alone where it is written in Latin letters anyway.
"""

from typing import NamedTuple


class Names(NamedTuple):
    """`share`: how many of the demonstration people come from there, as a weight. `order`: what is written first
    (given or family), or "joined" for the family name first and no space between."""

    share: int
    women: str
    men: str
    families: str
    order: str = "given"


NAMES = {
    "AF": Names(
        3, "لیلا/Laila پروین/Parwin فریده/Farida", "احمد/Ahmad نجیب/Najib حمید/Hamid", "رحیمی/Rahimi نوری/Noori"
    ),
    "AM": Names(
        2,
        "Անահիտ/Anahit Նարինե/Narine Լուսինե/Lusine",
        "Արմեն/Armen Տիգրան/Tigran",
        "Պետրոսյան/Petrosyan Հակոբյան/Hakobyan",
    ),
    "BD": Names(
        8,
        "ফাতেমা/Fatema শিরিন/Shirin নাসরিন/Nasrin",
        "রহিম/Rahim করিম/Karim হাসান/Hasan",
        "চৌধুরী/Chowdhury হোসেন/Hossain ইসলাম/Islam",
    ),
    "BT": Names(2, "པདྨ/Pema ཀརྨ/Karma བསོད་ནམས/Sonam", "ཚེ་རིང/Tshering ཀརྨ/Karma", "རྡོ་རྗེ/Dorji རྒྱལ་མཚན/Gyeltshen"),
    "CN": Names(
        4, "秀英/Xiuying 丽华/Lihua 梅/Mei", "伟/Wei 建国/Jianguo 志强/Zhiqiang", "王/Wang 李/Li 张/Zhang", "joined"
    ),
    "FJ": Names(
        7,
        "Litia Mereseini Salote Priya Ana",
        "Josefa Sitiveni Anil Epeli Waisale",
        "Vakatawale Tuivaga Prasad Raiwalui",
    ),
    "GE": Names(
        2,
        "ნინო/Nino თამარ/Tamar მარიამ/Mariam",
        "გიორგი/Giorgi ლევან/Levan დავით/Davit",
        "ბერიძე/Beridze კაპანაძე/Kapanadze გელაშვილი/Gelashvili",
    ),
    "ID": Names(9, "Siti Dewi Ayu Rina Putri", "Budi Agus Wayan Rizky Andi", "Santoso Wibowo Siregar Lestari Nasution"),
    "IN": Names(
        8,
        "कविता/Kavita अंजलि/Anjali मीना/Meena",
        "राजेश/Rajesh सुरेश/Suresh अमित/Amit",
        "शर्मा/Sharma वर्मा/Verma पटेल/Patel",
    ),
    "IR": Names(3, "زهرا/Zahra مریم/Maryam شیرین/Shirin", "علی/Ali رضا/Reza حسین/Hossein", "احمدی/Ahmadi کریمی/Karimi"),
    "JP": Names(1, "花子/Hanako 美咲/Misaki", "健太/Kenta 太郎/Taro", "山田/Yamada 田中/Tanaka", "joined"),
    "KG": Names(2, "Айнура/Ainura Гүлзат/Gulzat Бегимай/Begimai", "Азамат/Azamat Бакыт/Bakyt", "Асан/Asan Касым/Kasym"),
    "KH": Names(
        7,
        "ស្រីមុំ/Sreymom សុភា/Sophea ចន្ថា/Chantha",
        "វិចិត្រ/Vichet ដារ៉ា/Dara រតនា/Ratana",
        "សុខ/Sok ចាន់/Chan ហេង/Heng លឹម/Lim",
        "family",
    ),
    "KI": Names(2, "Teretia Tabita Tiiroa", "Tebuai Ioteba Bauro", "Teannaki Tekaai Kaitira"),
    "KR": Names(1, "민지/Minji 서연/Seoyeon", "준호/Junho 지훈/Jihoon", "김/Kim 박/Park 최/Choi", "joined"),
    "KZ": Names(3, "Айгүл/Aigul Гүлнар/Gulnar Жанар/Zhanar", "Нұрлан/Nurlan Ерлан/Yerlan", "Серік/Serik Оспан/Ospan"),
    "LA": Names(5, "ມາລີ/Maly ດາວັນ/Davanh ແກ້ວ/Keo", "ສົມສັກ/Somsak ບຸນມີ/Bounmy ຄຳ/Kham", "ວົງສາ/Vongsa ສີສະຫວາດ/Sisavath"),
    "LK": Names(4, "කුමාරි/Kumari චන්ද්‍රිකා/Chandrika මාලා/Mala", "නිමල්/Nimal සුනිල්/Sunil", "පෙරේරා/Perera සිල්වා/Silva"),
    "MM": Names(3, "ခင်/Khin သန္တာ/Thandar မိုး/Moe", "အောင်/Aung ကျော်/Kyaw မင်း/Min", "မြင့်/Myint ဇော်/Zaw သူ/Thu"),
    "MN": Names(
        4,
        "Болормаа/Bolormaa Сарантуяа/Sarantuya Оюунчимэг/Oyunchimeg",
        "Батбаяр/Batbayar Ганболд/Ganbold",
        "Дорж/Dorj Цэрэн/Tseren Баатар/Baatar",
        "family",
    ),
    "MV": Names(3, "ޢައިޝަތު/Aishath ފާޠިމަތު/Fathimath މަރިޔަމް/Mariyam", "އަޙްމަދު/Ahmed ޢަލީ/Ali", "ރަޝީދު/Rasheed ނަސީރު/Naseer"),
    "NC": Names(1, "Hélène Noémie Wassissi", "Jean-Marie Louis Waïa", "Wamytan Naisseline Poadja"),
    "NP": Names(
        8, "सीता/Sita माया/Maya सुनीता/Sunita", "राम/Ram हरि/Hari विष्णु/Bishnu", "श्रेष्ठ/Shrestha गुरुङ/Gurung तामाङ/Tamang"
    ),
    "PF": Names(1, "Hina Vaitiare Poema", "Teva Manutea Ariʻi", "Tehei Teriitahi Tetuanui"),
    "PG": Names(3, "Grace Rose Nerrie Martha", "Peter Kila Gabriel Moses", "Kaupa Wari Toua Morea"),
    "PH": Names(
        8, "Maria Luz Corazón Liwayway Jasmine", "José Ramón Danilo Efren Paolo", "Bautista Magsino Salonga Villareal"
    ),
    "PK": Names(4, "عائشہ/Ayesha فاطمہ/Fatima سعدیہ/Sadia", "عمران/Imran بلال/Bilal", "ملک/Malik قریشی/Qureshi"),
    "SG": Names(1, "கவிதா/Kavitha மீனா/Meena", "முருகன்/Murugan குமார்/Kumar", "செல்வம்/Selvam ராஜன்/Rajan"),
    "TH": Names(
        7, "สุดา/Suda มาลี/Malee กนกวรรณ/Kanokwan", "สมชาย/Somchai วิชัย/Wichai", "ใจดี/Jaidee ศรีสุข/Srisuk ทองคำ/Thongkham"
    ),
    "TL": Names(3, "Maria Joana Filomena", "João Domingos Celestino", "Soares Ximenes Guterres"),
    "TO": Names(2, "Mele ʻAna Sela Lavinia", "Sione Viliami ʻAisea", "Taufa Moala Tuʻipulotu Fifita"),
    "TR": Names(2, "Ayşe Zeynep Elif", "Mehmet Çağrı Işık", "Yılmaz Şahin Öztürk"),
    "UZ": Names(3, "Dilnoza Gulnora Oʻgʻiloy", "Jasur Bobur Sherzod", "Karimov Tursunov Rahimov"),
    "VN": Names(8, "Lan Hà Châu Ánh", "Hùng Bảo Minh Phước", "Nguyễn Trần Phạm Đặng", "family"),
    "VU": Names(2, "Leisau Marie Leitangi", "Willie Jean Moli", "Tari Kalo Bule"),
    "WS": Names(2, "Sina Lupe Fetu", "Tavita Ioane Sefo", "Leota Faleolo Tuiasau"),
}

FRENCH = {"NC": 0.9, "PF": 0.9, "VU": 0.3, "KH": 0.05, "LA": 0.1, "VN": 0.03}  # shares that use the pages in French

OFFICES = {
    "labour": ("Department of Employment", "Labour Inspectorate", "Office for Work Injury"),
    "social-welfare": ("Department of Social Welfare", "Office for Older Persons", "Child Grant Unit"),
    "finance-planning": ("Budget Office", "Planning Commission"),
    "health": ("Health Insurance Office", "Department of Public Health"),
    "education": ("School Meals Programme", "Department of Schools"),
    "local-government": ("District Administration", "Council Services"),
    "statistics": ("Bureau of Statistics",),
    "other": ("Social Insurance Fund", "Training Institute"),
}
